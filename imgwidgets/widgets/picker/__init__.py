"""The parameter picker; ``static/`` beside this folder has the pages' half.

=================  =======================================================================================
``picker.py``      the parameter picker: controls that offer only what a model accepts
``access.py``      the picker's helper in the page: names and states that ipywidgets' controls do not tell
``code.py``        what the picker holds, as Python
``controls.py``    the picker's controls: one row for each parameter, made of ipywidgets
``desk.py``        between state, screen and traits: every change of a picker passes here, one at a time
``domain.py``      from a catalog's parameter to a control: what there is to choose
``files.py``       a small JSON file in the user's data folder that several notebooks share
``near.py``        what was typed, and the valid value that is nearest to it
``object.py``      a parameter that is an object, one control for each of its fields
``places.py``      which models there are at a provider, and which one a picker gets that moves there
``plain.py``       values as JSON has them: what can be sent, and what a line of Python can say
``preset_bar.py``  the presets on the screen: choose one, delete it, save the present values under a name
``presets.py``     presets, and what was used last: kept in the user's data folder
``prompt.py``      the prompt box: words, and how many of them the model takes
``range.py``       a number in a range: a slider with its number beside it, or the number alone
``rows.py``        which row suits which control
``rules.py``       what can be chosen next, under the catalog's rules across parameters
``size.py``        the size chooser: named shapes, the model's presets
``state.py``       the picker without its widgets: what is chosen, what can be chosen, and why
``still.py``       the still copy of a picker: what a saved notebook shows where no kernel runs
``view.py``        the picker's screen: what stands where, and how it follows the state
``wishes.py``      from what was asked for to what holds: the newest wish first
``words.py``       the picker's sentences, as HTML that holds no foreign markup
=================  =======================================================================================
"""
