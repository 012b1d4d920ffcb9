import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.ARCFACE_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
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
