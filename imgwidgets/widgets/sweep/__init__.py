"""What a sweep looks like: its panel, its table, its builder.

==============  =======================================================================================
``builder.py``  a sweep made by hand: axes, plan, budget, start, and the run as it goes
``page.py``     a plan as HTML: its totals, a map of what is valid, its reasons and its cells
``panel.py``    the live panel of a run: how it stands, its buttons, and its tiles as they come
``rows.py``     the rows of a sweep's builder: one for each axis, with what its values are chosen by
``static.py``   the static copy of a sweep's table: what a notebook still shows when its kernel is gone
``table.py``    the table of a run: tiles under headers that stay in sight, any two axes across
==============  =======================================================================================
"""
