/// <reference lib="webworker" />
import { HEADERS } from './csp.js'

// Keeps the page, the runtime and the models, so that the next visit needs no network, and gives all of them the headers of
// `csp.ts`, whatever the host does: the page is isolated, and its worker is held to the same policy.

declare const self: ServiceWorkerGlobalScope
/** Each file of this build and its digest: `vite.config.ts` puts them in. */
declare const __FILES__: Record<string, string>
const files = __FILES__

const scope = self.registration.scope
const CACHE = `page ${scope}`
/** Fetched when the page first asks, which shows how far it is; of a new build at once if the one before had it. */
const LARGE = /\.(wasm|onnx)$/

/** Under its digest, so that a build finds what of the one before is still good. */
const keyOf = (name: string) => `${scope}${name}?${files[name]}`
/** The same in every build. */
const plain = (url: string) => url.replace(/\?.*/, '').replace(/-[\w-]{8}(\.\w+)$/, '$1')
const fetched = (name: string) => fetch(`${scope}${name}`, { cache: 'no-cache' })

self.addEventListener('install', (event) => event.waitUntil(keepAll()))

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE)
  const kept = new Set((await cache.keys()).map(({ url }) => plain(url)))
  const keep = async (name: string) => {
    if (await cache.match(keyOf(name))) return
    if (LARGE.test(name) && !kept.has(plain(keyOf(name)))) return
    const response = await fetched(name)
    if (!response.ok) throw new Error(`${name}: ${response.status}`)
    await cache.put(keyOf(name), response)
  }
  await Promise.all(Object.keys(files).map(keep))
}

self.addEventListener('activate', (event) => event.waitUntil(takeOver()))

async function takeOver(): Promise<void> {
  const cache = await caches.open(CACHE)
  const mine = new Set(Object.keys(files).map(keyOf))
  const stale = (await cache.keys()).filter(({ url }) => !mine.has(url))
  await Promise.all(stale.map((request) => cache.delete(request)))
  await self.clients.claim()
}

/** A new build waits until the page says so: see `install.ts`. */
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  const [address] = url.split(/[?#]/)
  if (method !== 'GET' || !address!.startsWith(scope)) return
  const name = address!.slice(scope.length) || 'index.html'
  if (files[name] !== undefined) event.respondWith(serve(name, event))
})

async function serve(name: string, event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CACHE)
  let response = await cache.match(keyOf(name))
  if (!response) {
    response = await fetched(name)
    // A full storage keeps nothing; while there is a network the page does without.
    if (response.ok) event.waitUntil(cache.put(keyOf(name), response.clone()).catch(() => {}))
  }
  const headers = new Headers(response.headers)
  for (const [header, value] of Object.entries(HEADERS)) headers.set(header, value)
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}
