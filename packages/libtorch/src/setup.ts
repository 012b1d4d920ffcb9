import { execFile, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TorchError } from './errors.js'

// Imports nothing of the add-on: this is what makes it.

const own = fileURLToPath(new URL('..', import.meta.url))
const script = fileURLToPath(new URL('../native/build.sh', import.meta.url))

/**
 * Builds a Node add-on by CMake: this room's, over the libtorch that it finds (see native/CMakeLists.txt), or that of
 * another package with a folder native/. What compilers say goes to stderr. Quick where nothing has changed.
 * @param folder of the package
 * @throws TorchError TORCH_SETUP with the one command that brings what is missing
 */
export async function buildAddon(name = 'Bridge to libtorch', folder = own): Promise<void> {
  try {
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new TorchError('TORCH_SETUP', `${folder} may not be written by this user`, {
      cause,
      hint: 'Run this as the user who installed the package.',
    })
  }
  if ((await build(name, folder)) === 0) return
  throw new TorchError('TORCH_SETUP', `${name}: does not build (see above)`, {
    hint: `For this system: ${await commandOf()}; then the same command again.`,
  })
}

/** @returns the exit code */
function build(name: string, folder: string): Promise<number> {
  const child = spawn('sh', [script, name, folder], {
    stdio: ['ignore', process.stderr, 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new TorchError('TORCH_SETUP', 'no sh is here: libtorch is set up on Linux and macOS only', {
          cause,
        }),
      ),
    )
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** For this system: what brings compilers and libraries. */
async function commandOf(): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', [script, '--hint'])
  return stdout.trim()
}
