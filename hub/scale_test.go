package hub_test

import "flag"

// scale makes the long tests of this package longer: the default fits a
// test run of every push, 10 and more a night.
var scale = flag.Int("scale", 1, "how many times as long the long tests are")

// seed makes each random test another one, and the same one again.
var seed = flag.Uint64("seed", 1, "what the random numbers of the long tests begin with")
