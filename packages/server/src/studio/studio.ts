import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { ServerError } from '../errors.js'

/** Where the build of the studio lies: beside `dist`, in the repository and in the package. */
const FOLDER = fileURLToPath(new URL('../../studio', import.meta.url))

const ASSETS = `${FOLDER}/assets`

/** The pages, each with what is below it; a test of the studio compares. */
export const PAGES = [
  ...['people', 'recognize', 'training', 'evaluate', 'curate'],
  ...['geometry', 'tasks', 'keys', 'audit'],
]

/** Of the pages: nothing but what this server gives. WebAssembly and workers are for recognition in the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
}

const YEAR_S = 31_536_000

/** The studio: its page at the root and at each of its addresses, its files below /assets. */
export const studio = ({ config }: { readonly config: { readonly studio: boolean } }) =>
  plugin(async (server: FastifyInstance) => {
    if (!config.studio) return
    const isBuilt = existsSync(`${FOLDER}/index.html`)
    if (!isBuilt) server.log.warn('the studio is not there: it was not built')
    // It sends files, and hands out none by itself but below /assets.
    await server.register(files, {
      root: FOLDER,
      prefix: '/assets/',
      serve: false,
      preCompressed: true,
    })
    server.get('/assets/*', { schema: { hide: true } }, (request, reply) => {
      const name = (request.params as { '*': string })['*']
      if (!isBuilt) throw notBuilt()
      return reply
        .headers({ ...HEADERS, 'cache-control': `public, max-age=${YEAR_S}, immutable` })
        .sendFile(name, ASSETS, { cacheControl: false })
    })
    for (const url of ['/', ...PAGES.flatMap((page) => [`/${page}`, `/${page}/*`])])
      server.get(url, { schema: { hide: true } }, (_, reply) => {
        if (!isBuilt) throw notBuilt()
        return reply
          .headers({ ...HEADERS, 'cache-control': 'no-cache' })
          .sendFile('index.html', { cacheControl: false })
      })
  })

const notBuilt = () =>
  new ServerError('SERVER_ROUTE', 'the studio is not there: it was not built', {
    hint: 'In a checkout, run `npm run build` and start the server again.',
  })
