#!/usr/bin/env node
// Imports nothing before Node is known to be new enough: an older one would stop at a word that it does not know.
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
const wanted = JSON.parse(text).engines.node.replace('>=', '')
const [major, minor] = wanted.split('.').map(Number)
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)

if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(
    `error CLI_NODE: Node ${wanted} or newer is needed, this is ${process.versions.node}. Install a newer one: https://nodejs.org/en/download`,
  )
  process.exitCode = 1
} else {
  const { main } = await import('../dist/main.js')
  await main(process.argv)
}
