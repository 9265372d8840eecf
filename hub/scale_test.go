package hub_test

import "flag"

// scale multiplies the size of the long tests: the default is for each push, 10 and more
// for a night.
var scale = flag.Int("scale", 1, "how many times as long the long tests are")

// seed seeds the random tests, so that a failure can be repeated.
var seed = flag.Uint64("seed", 1, "what the random numbers of the long tests begin with")
