// Settings and state that outlive the page.

// Memory reads and writes the browser's storage. Where the browser denies access, nothing is kept.
export const Memory = {
  read(storage, key) {
    try {
      return window[storage].getItem(key)
    } catch {
      return null
    }
  },
  write(storage, key, value) {
    try {
      window[storage].setItem(key, value)
    } catch {
      // storage is disabled or full
    }
  },
}
