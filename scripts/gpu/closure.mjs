// The folders of node_modules that training and its tests need, one a line: node scripts/gpu/closure.mjs
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rooms } from './rooms.mjs'

/** The folder that a package is found in from another one, as Node looks for it. */
function find(name, from) {
  for (let at = from; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const inside = join(at, 'node_modules', name)
    if (existsSync(join(inside, 'package.json'))) return inside
    if (!at.includes('/node_modules/')) break
  }
  const top = join('node_modules', name)
  return existsSync(join(top, 'package.json')) ? top : null
}

const found = new Set()
function follow(folder) {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (name.startsWith('@arcface/')) continue
    // What is for another system is not installed.
    const place = find(name, folder)
    if (place === null || found.has(place)) continue
    found.add(place)
    follow(place)
  }
}

for (const room of rooms) follow(join('packages', room))
for (const name of ['vitest', 'fast-check']) {
  const place = join('node_modules', name)
  found.add(place)
  follow(place)
}
// A nested one comes with the folder that it is in.
const tops = [...found].filter((one) => one.lastIndexOf('node_modules/') === 0)
for (const scope of ['@img'])
  for (const name of readdirSync(join('node_modules', scope)))
    tops.push(join('node_modules', scope, name))
console.log([...new Set(tops)].sort().join('\n'))
