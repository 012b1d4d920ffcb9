// Packs rooms, and what goes out beside them, with npm.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rooms } from './rooms.mjs'
import { layOutWasm } from './wasm.mjs'

const run = promisify(execFile)

/** Packs all that a release publishes, in its order. @returns the rooms and all */
export async function packAll(destination) {
  const wasm = layOutWasm(join(destination, 'wasm'))
  for (const { folder } of rooms()) removeStale(folder)
  const all = await pack([...rooms(), wasm], destination)
  return { all, packed: all.filter(({ name }) => name !== wasm.name) }
}

/** @returns {Promise<{name: string, manifest: object, folder: string, tarball: string, files: string[], bytes: number, unpacked: number}[]>} */
export async function pack(packages, destination) {
  return Promise.all(
    packages.map(async (room) => {
      const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', destination], {
        cwd: room.folder,
        maxBuffer: 1 << 26,
        // Within `npm run release --dry-run` npm would do without the file.
        env: { ...process.env, npm_config_dry_run: 'false' },
        // Windows has npm as a script.
        shell: process.platform === 'win32',
      })
      // npm 10 prints a list, npm 11 an object by name.
      const [{ filename, files, size, unpackedSize }] = Object.values(JSON.parse(stdout))
      return {
        ...room,
        tarball: join(destination, filename.replace('@', '').replace('/', '-')),
        files: files.map(({ path }) => path),
        bytes: size,
        unpacked: unpackedSize,
      }
    }),
  )
}

/** Removes what was compiled from a source that is gone: the compiler leaves it there. */
export function removeStale(folder) {
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const [, source] = /^(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file) ?? []
    if (source !== undefined && !existsSync(join(folder, 'src', `${source}.ts`)))
      rmSync(join(folder, 'dist', file))
  }
}
