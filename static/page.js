// The script of a page. It needs none of the exports of app.js, which cost bytes.

import "./app.js"
