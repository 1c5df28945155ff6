"""How long it will take: what was seen of a hall goes in, quantiles of the wait come out.

* `lifetimes`: how long services, breaks and patience last, learned as rates by age.
* `replay`: the line played forward into many futures at once; one pass serves everybody who waits.
* `calls`: a hall of which every call is known: who is at which window since when.
* `boards`: a hall of which only the boards are known: called up to, so many waiting.
* `boosting`: a small learner for what the hall's own past says about our errors.
* `calibration`: from a first guess to a promise that is kept as often as it says.

Nothing here knows the future, the clock or the dice: instants and generators of luck come in as arguments.
See docs/decisions/0010-the-wait-is-played-forward.md.
"""
