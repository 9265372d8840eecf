// Follows a log with the client of Durable Streams, and prints a line for each event:
// epoch, offset, id of the post. It prints "gone" when it has to begin anew.
//
// Arguments: the path of the client's module, the address of the log, and a way to read: "catch-up",
// "long-poll" or "sse".

const [, , module, url, way] = process.argv
const { stream } = await import(module)
const pause = ms => new Promise(done => setTimeout(done, ms))

let offset // of the next request; undefined at the beginning of the log

function print(items) {
  for (const { epoch, offset, data } of items) console.log(epoch, offset, data.id)
}

async function catchUp() {
  const response = await stream({ url, offset, live: false })
  print(await response.json())
  offset = response.offset
  await pause(20)
}

async function follow() {
  const response = await stream({ url, offset, live: way })
  response.subscribeJson(batch => {
    print(batch.items)
    offset = batch.offset
  })
  await response.closed
}

for (;;) {
  try {
    await (way === "catch-up" ? catchUp() : follow())
  } catch (error) {
    if (error.status !== 410) throw error
    console.log("gone")
    offset = undefined
  }
}
