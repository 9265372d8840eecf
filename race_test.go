//go:build race

package main

import "flag"

// Under the race detector, which makes them eight times as slow, property tests take a quarter of
// the random inputs. The target unraced of the Makefile runs them with all.
func init() { flag.Set("rapid.checks", "25") }
