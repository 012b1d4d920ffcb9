import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const server = process.env.ARCFACE_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), packed()],
  // For `npm run dev`: the page from here, what it asks from a server that runs beside.
  server: { proxy: { '/v1': server, '/health': server } },
  build: {
    // Where the server looks for it.
    outDir: '../server/studio',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // As files: the policy of the page takes no script or font out of an address.
    assetsInlineLimit: 0,
    // ECharts, which is loaded where a chart is.
    chunkSizeWarningLimit: 1200,
  },
})

/** Each file of text packed beside itself, which the server then sends. */
function packed(): Plugin {
  let folder: string
  return {
    name: 'packed',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(resolve(root, build.outDir), 'assets')
    },
    closeBundle: () => {
      for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg|wasm)$/.test(name))) {
        const bytes = readFileSync(join(folder, name))
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes))
        // Of the runtime's 14 MB it takes a minute, for a file that a browser asks for once.
        if (!name.endsWith('.wasm'))
          writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
      }
    },
  }
}
