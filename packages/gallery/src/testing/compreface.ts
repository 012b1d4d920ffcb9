import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a fake does with a request in place of its answer. */
export type Mischief = (request: IncomingMessage, response: ServerResponse) => void

/**
 * A CompreFace as far as its people are read, made from its documentation alone: subjects, faces by pages, and the
 * pictures as they were sent. It does not order its faces: each listing begins at another one.
 */
export class FakeCompreface {
  readonly key = randomUUID()
  readonly subjects = new Set<string>()
  readonly faces = new Map<string, { subject: string; picture: Uint8Array }>()
  /** Answers in place of a path's own, a number of times. */
  readonly mischief = new Map<string, { does: Mischief; times: number }>()
  /** Paths that were asked for. */
  readonly asked: string[] = []
  /** At which face a listing begins. */
  turn = 0
  readonly #server = createServer((request, response) => this.#answer(request, response))

  static async open(): Promise<FakeCompreface> {
    const fake = new FakeCompreface()
    await new Promise<void>((done) => fake.#server.listen(0, '127.0.0.1', done))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** @returns its id */
  add(subject: string, picture: Uint8Array, id: string = randomUUID()): string {
    this.subjects.add(subject)
    this.faces.set(id, { subject, picture })
    return id
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((done) => this.#server.close(() => done()))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, this.url)
    const path = pathname.replace('/api/v1/recognition', '')
    this.asked.push(`${path}${request.url!.includes('?') ? `?${searchParams}` : ''}`)
    const mischief = this.mischief.get(path)
    if (mischief && mischief.times-- > 0) {
      mischief.does(request, response)
      return
    }
    const json = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (request.headers['x-api-key'] !== this.key) {
      json(404, { message: 'Recognition service with API Key ... not found', code: 10 })
      return
    }
    const [, id] = /^\/faces\/([^/]+)\/img$/.exec(path) ?? []
    if (path === '/subjects') json(200, { subjects: [...this.subjects] })
    else if (path === '/faces') json(200, this.#page(searchParams))
    else if (id !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.end(this.faces.get(decodeURIComponent(id))?.picture ?? '')
    } else json(404, { message: 'No message available', code: 0 })
  }

  #page(parameters: URLSearchParams) {
    const page = Number(parameters.get('page') ?? 0)
    const size = Math.min(Number(parameters.get('size') ?? 20), 7)
    const all = [...this.faces].map(([image_id, { subject }]) => ({ image_id, subject }))
    const turned = [...all.slice(this.turn % all.length), ...all.slice(0, this.turn % all.length)]
    return {
      faces: turned.slice(page * size, (page + 1) * size),
      ...{ page_number: page, page_size: size },
      ...{ total_pages: Math.ceil(all.length / size), total_elements: all.length },
    }
  }
}
