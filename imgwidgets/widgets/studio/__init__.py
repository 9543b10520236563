"""The Studio; ``static/`` beside this folder has the pages' half.

===============  ======================================================================================
``studio.py``    the Studio: the whole toolkit in one cell
``clients.py``   which client asks: that of the chosen provider, or the sandbox where it has no key
``code.py``      what is on the Studio's screen, as the Python that does the same
``comms.py``     where a widget's events are handled while a cell runs
``core.py``      what holds the Studio's parts together: what is worked on, what is on its way
``edit.py``      the Studio's Edit tab: the painter on the chosen image, and what an edit changed
``hands.py``     what people do with the Studio on its screen
``inputs.py``    the images that an edit starts from: what was given, what is sent, and how it is shown
``part.py``      a part of the Studio that is made of HTML: what it shows is a plain dict
``replaced.py``  which Studio a cell showed before: a cell that is run again ends the old one
``screen.py``    the Studio's screen: what stands where
``still.py``     what a notebook still shows of a Studio when its kernel is gone
``trail.py``     the way back: which images were worked on, with which mask
``work.py``      the Studio's requests: one after another, on a thread of their own
===============  ======================================================================================
"""
