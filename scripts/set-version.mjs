// The one place where the version is changed: npm run set-version 0.2.0
// Writes it into the root and every room, and into what rooms need of each other.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readJson, workspaces } from './packages/rooms.mjs'

const [version] = process.argv.slice(2)
if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version ?? '')) {
  console.error('error: npm run set-version X.Y.Z')
  process.exit(2)
}
const all = workspaces()
const names = new Set(all.map(({ name }) => name))
for (const folder of [ROOT, ...all.map((room) => room.folder)]) {
  const path = join(folder, 'package.json')
  const manifest = readJson(path)
  manifest.version = version
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'])
    for (const name of Object.keys(manifest[kind] ?? {}))
      if (names.has(name)) manifest[kind][name] = version
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
}
execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
console.log(`${all.length} rooms are ${version}; CHANGELOG.md needs a section of that name`)
