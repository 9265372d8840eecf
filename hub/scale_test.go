package hub_test

import "flag"

// scale multiplies the size of the long tests. The default suits a run on each push, and 10 or
// more a run overnight.
var scale = flag.Int("scale", 1, "how many times as long the long tests are")

// seed is the seed of the random tests, so that a failure can be repeated.
var seed = flag.Uint64("seed", 1, "what the random numbers of the long tests begin with")
