"""The mirror: it serves the endpoint and judges the requests of a client.

Every request is judged by the oracle of the suite (`spec`), from its bytes, and passed on to a
server of `reference`: the reference itself, or one that is unusual but conforms. Now and then a
fault may come instead of the answer. What the client does next is told, too.

`python -m mirror` is the command, `mirror.plugin` the fixture for pytest.
"""
