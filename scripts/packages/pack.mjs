// Packs rooms with npm, as a release does.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @returns {Promise<{name: string, manifest: object, folder: string, tarball: string, files: string[], bytes: number, unpacked: number}[]>} */
export async function pack(rooms, destination) {
  return Promise.all(
    rooms.map(async (room) => {
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
