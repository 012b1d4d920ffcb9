// Types of the client, of what a server says at /docs/json. Compile before: npx tsc -b packages/server
//   npm run generate -w @arcface/server
import { mkdirSync, writeFileSync } from 'node:fs'
import { generatedClient } from '../dist/testing/generate.js'

const folder = new URL('../src/client/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('api.ts', folder), await generatedClient())
