package web

// RunNginx is runNginx, for the tests in a browser.
var RunNginx = runNginx
