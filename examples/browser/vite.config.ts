import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { CSP, HEADERS } from './src/csp.js'

const SERVICE_WORKER = 'service-worker.js'

export default defineConfig({
  // The page may lie in any folder of a host.
  base: './',
  server: { headers: HEADERS },
  preview: { headers: HEADERS },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { page: 'index.html', 'service-worker': 'src/service-worker.ts' },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
  },
  plugins: [policy(), filesForServiceWorker()],
})

/** The policy also where a host sets no headers. */
function policy(): Plugin {
  return {
    name: 'content-security-policy',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CSP },
        injectTo: 'head-prepend',
      },
    ],
  }
}

/** Tells the service worker each file of the build, the models too, and its digest. */
function filesForServiceWorker(): Plugin {
  let folder: string
  return {
    name: 'files-for-service-worker',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir)
    },
    closeBundle: () => {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name !== SERVICE_WORKER && statSync(join(folder, name)).isFile())
        .sort()
        .map((name) => [name, digestOf(join(folder, name))])
      const script = join(folder, SERVICE_WORKER)
      const text = readFileSync(script, 'utf8')
      writeFileSync(script, text.replace('__FILES__', JSON.stringify(Object.fromEntries(files))))
    },
  }
}

const digestOf = (path: string) =>
  createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
