// Asks for FILE in every way that OpenAI's client has.
import { createReadStream } from 'node:fs'
import OpenAI, { NotFoundError, BadRequestError } from 'openai'

const [baseURL, file] = process.argv.slice(2)
const client = new OpenAI({ baseURL, apiKey: '-', maxRetries: 0 })
const ask = (more) =>
  client.audio.transcriptions.create({ file: createReadStream(file), model: 'whisper-1', ...more })

const found = {}
for (const format of ['json', 'text', 'srt', 'vtt', 'verbose_json', 'diarized_json']) {
  const times = format === 'verbose_json' ? { timestamp_granularities: ['word', 'segment'] } : {}
  found[format] = await ask({ response_format: format, ...times })
}
found.events = []
let text = ''
for await (const event of await ask({ stream: true })) {
  found.events.push(event.type)
  if (event.type === 'transcript.text.delta') text += event.delta
}
found.streamed = text
found.models = []
for await (const model of client.models.list()) found.models.push(model.id)
found.model = (await client.models.retrieve('balanced')).id
found.refused = await ask({ response_format: 'pdf' }).catch((error) => error instanceof BadRequestError && error.message)
found.missing = await client.models.retrieve('none').catch((error) => error instanceof NotFoundError)
console.log(JSON.stringify(found))
