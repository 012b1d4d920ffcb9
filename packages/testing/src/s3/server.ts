import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import S3rver from 's3rver'

const HOST = '127.0.0.1'

export interface ObjectStore {
  /** Its one bucket: s3://bucket */
  readonly bucket: string
  /** How LanceDB finds it, and what it shows there: a key that is s3rver's own. */
  readonly options: Readonly<Record<string, string>>
  /** The same as variables of the environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Where its objects lie, as files of s3rver. */
  readonly folder: string
  /** Asked so far, by method. */
  readonly requests: ReadonlyMap<string, number>
  close(): Promise<void>
}

/**
 * Starts an S3 server with one bucket, empty. As in S3 an object is there once all its bytes have come, who asks later sees
 * what was written before, and `If-None-Match: *` and `If-Match: etag` of a write are kept: 412. Requests are answered one
 * after the other.
 */
export async function startObjectStore(): Promise<ObjectStore> {
  const folder = mkdtempSync(join(tmpdir(), 'objects-'))
  const inner = new S3rver({
    address: HOST,
    port: 0,
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'bucket' }],
  })
  const { port } = await inner.run()
  const requests = new Map<string, number>()
  let last: Promise<unknown> = Promise.resolve()
  const server = createServer(async (incoming, outgoing) => {
    const method = incoming.method ?? ''
    requests.set(method, (requests.get(method) ?? 0) + 1)
    // A client that is killed meanwhile has written nothing.
    const body = await buffer(incoming).catch(() => undefined)
    if (body === undefined) return
    // s3rver shows objects that are half written, and falls over those that are deleted while it reads them.
    last = last.then(() => answer(port, incoming, body, outgoing)).catch(() => outgoing.destroy())
  })
  await new Promise<void>((done) => server.listen(0, HOST, done))
  const own = (server.address() as AddressInfo).port
  const options = {
    endpoint: `http://${HOST}:${own}`,
    allow_http: 'true',
    region: 'us-east-1',
    access_key_id: 'S3RVER',
    secret_access_key: 'S3RVER',
  }
  return {
    bucket: 's3://bucket',
    options,
    environment: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [`AWS_${name.toUpperCase()}`, value]),
    ),
    folder,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await inner.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answer(
  port: number,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<void> {
  const { 'if-none-match': none, 'if-match': match } = incoming.headers
  const writes = incoming.method === 'PUT' || incoming.method === 'POST'
  if (writes && (none !== undefined || match !== undefined)) {
    const etag = await etagOf(port, (incoming.url ?? '').split('?')[0]!)
    if ((none === '*' && etag !== undefined) || (match !== undefined && match !== etag)) {
      outgoing.writeHead(412, { 'content-type': 'application/xml' })
      outgoing.end('<Error><Code>PreconditionFailed</Code></Error>')
      return
    }
  }
  const passed = await send(port, incoming, body)
  outgoing.writeHead(passed.statusCode ?? 502, passed.headers)
  outgoing.end(await buffer(passed))
}

const send = (port: number, { method, url, headers }: IncomingMessage, body: Buffer) =>
  new Promise<IncomingMessage>((done, failed) => {
    // Its host goes along: it is signed.
    request({ host: HOST, port, method, path: url, headers }, done).on('error', failed).end(body)
  })

/** Of an object, `undefined` where none is; s3rver answers everybody. */
const etagOf = (port: number, path: string) =>
  new Promise<string | undefined>((done, failed) => {
    request({ host: HOST, port, method: 'HEAD', path }, (answered) => {
      answered.resume()
      if (answered.statusCode === 200) done(answered.headers.etag)
      else if (answered.statusCode === 404) done(undefined)
      else failed(new Error(`HEAD ${path}: ${answered.statusCode}`))
    })
      .on('error', failed)
      .end()
  })
