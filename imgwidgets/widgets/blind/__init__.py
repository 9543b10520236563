"""The blind test; ``static/`` beside this folder has the pages' half.

===============  =======================================================================================
``blind.py``     the blind test: pairs of images with their labels hidden, votes, and a table of who won
``booth.py``     where votes are cast: the pairs of a blind test, its votes, and what its page is told
``images.py``    the images of a blind test: read, named by their content, and labelled
``pairs.py``     which two pictures a blind test shows next
``pictures.py``  pictures of a blind test on their way to the page: the pixels
``static.py``    what a notebook keeps of a blind test: plain HTML for readers without a kernel
``votes.py``     votes of a blind test: kept, counted, written, merged
===============  =======================================================================================
"""
