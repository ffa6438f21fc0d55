// Uploads FILE to URL in chunks, goes away in the middle, and goes on as another client would.
import { createReadStream, statSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const [endpoint, file] = process.argv.slice(2)
const uploadSize = statSync(file).size
const options = {
  endpoint,
  chunkSize: 50_000,
  retryDelays: [0, 100],
  metadata: { filename: 'a call.wav' },
  uploadSize,
}

function upload(more, until = uploadSize) {
  return new Promise((resolve, reject) => {
    const made = new Upload(createReadStream(file), {
      ...options,
      ...more,
      onError: reject,
      onSuccess: () => resolve(made.url),
      onChunkComplete: (_size, come) => {
        if (come >= until && come < uploadSize) made.abort().then(() => resolve(made.url))
      },
    })
    made.start()
  })
}

const url = await upload({ uploadDataDuringCreation: true }, 100_000)
const resumed = []
await upload({ uploadUrl: url, onChunkComplete: undefined, onProgress: (sent) => resumed.push(sent) })

const removed = await upload({}, 50_000)
await Upload.terminate(removed)
const gone = await fetch(removed, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })

console.log(JSON.stringify({ url, from: resumed[0], gone: gone.status }))
