"""The short way for what programs read most: features, one feature, tiles.

A WSGI layer in front of Flask (`lane`) answers these reads when nothing about them is unusual, and hands
every other request on. What is answered, and how, stands in `reads`: Flask's views of the same addresses
call it too.
"""
