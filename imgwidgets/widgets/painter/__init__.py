"""The mask painter; ``static/`` beside this folder has the pages' half.

================  ====================================================================================
``painter.py``    the mask painter: an image, a brush, and a numpy mask that is always current
``commands.py``   what a script does with a painter: the same steps as by hand
``companion.py``  the painter's half in the browser
``core.py``       the mask and the markup under the painter's brush: what the messages of all pages do
``inbox.py``      messages from the painter's companion: put in order, checked
``marks.py``      markup: coloured strokes and arrows on a transparent layer, as values
``others.py``     the images that go along with the one that is painted on: shown small
``pages.py``      the painter's side of the conversation with the pages that show it
``picture.py``    what the painter shows of an image and a mask: small, encoded
``plain.py``      painting with ipycanvas alone, where the companion cannot run: slower
``select.py``     wand and smart box: what OpenCV finds in the picture becomes a step of the mask
``settings.py``   what can be set on a painter: checked values, linked to its controls in all pages
``still.py``      the still picture of image and mask: what a notebook shows where no kernel runs
================  ====================================================================================
"""
