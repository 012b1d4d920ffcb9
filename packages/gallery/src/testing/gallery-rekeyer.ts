import { rekeyGallery } from '../upkeep/encrypt.js'

// A process that changes the key of a gallery to and fro until it is killed: gallery-rekeyer.js PATH KEYFILE KEYFILE
// It says after each change which one opens it now.
let [path, file, next] = process.argv.slice(2) as [string, string, string]
for (;;) {
  await rekeyGallery(path, { key: { file }, to: { file: next } })
  ;[file, next] = [next, file]
  process.stdout.write(`${file}\n`)
}
