"""The history as a grid, a page and a command; ``static/`` beside this folder has the pages' half.

==============  ======================================================================================
``code.py``     requests of the history as Python that asks again
``command.py``  the history on the command line: a table, a page, sums, copies, upkeep
``folder.py``   where the files are: shown, and opened where the kernel runs on somebody's own desktop
``page.py``     the history as one web page: small pictures and captions
``view.py``     the history in a notebook: search it, look at what is found, ask again, take it along
==============  ======================================================================================
"""
