"""The result grid; ``static/`` beside this folder has the pages' half.

=================  ==================================================================================
``grid.py``        the result grid: thumbnails in the page, images in Python
``actions.py``     what can be done with the images of a grid, from Python and from the page
``board.py``       the grid's machinery: its list, what is made of it on other threads
``boot.py``        the grid's code on its way to the page: by message, so that no notebook saves it
``code.py``        the requests behind images, as Python that asks again
``compare.py``     comparing two to four images of a grid: what the page is told besides the pictures
``editing.py``     editing an image of a grid: its painter, inside the grid
``expect.py``      tiles that wait for a request that is on its way
``files.py``       writing images into a folder or a zip
``inbox.py``       what the page asks of a grid, and the answers
``items.py``       what a grid holds: images, failures and what is still on its way
``list.py``        the list of a grid's items: one lock, one owner
``marks.py``       stars, ratings and selection: in the history where it holds the pictures
``saving.py``      taking images out of a grid: into a folder, as files that say what was asked
``show.py``        how a result shows itself as the last line of a cell
``sources.py``     pictures that a grid is given as a path, an array, a PIL image or a URL
``static.py``      the static copy of a grid: what a notebook still shows when its kernel is gone
``still.py``       the grid's second output, which stays when the kernel is gone: when it is made
``table.py``       what a grid holds as a table: one row for each tile
``thumbnails.py``  thumbnails, made off the main thread and once for each image
``tiles.py``       an item on its way to the page: what a tile says, what the large view says
=================  ==================================================================================
"""
