package durable

// Format is format, for tests.
var Format = format
