// A server of a model of one's own, asked by its typed client.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { checkConfig, startServer } from '@arcface/server'
import { connect } from '@arcface/server/client'

const config = {
  port: 0,
  data: 'server',
  model: 'model.onnx',
  detector: 'detector.onnx',
  log: 'error',
}
const server = await startServer(checkConfig(config))
const client = connect({ url: server.url })
const photo = new File([readFileSync('noise.png')], 'noise.png')
const { data } = await client.POST('/v1/detect', { body: { photo: [photo] } })
assert.equal(data.photos[0].name, 'noise.png')
assert.ok(data.photos[0].faces.length > 0)
const { error } = await client.POST('/v1/detect', {
  body: { photo: [new File(['none'], 'none.png')] },
})
assert.equal(error.code, 'RECOGNIZE_PHOTO')
assert.equal((await fetch(`${server.url}/docs/`)).status, 200)
const page = await (await fetch(server.url)).text()
const [, script] = /<script [^>]*src="([^"]+)"/.exec(page)
assert.equal((await fetch(new URL(script, server.url))).status, 200)
await server.close()
rmSync('server', { recursive: true, force: true })
console.log('done')
