import { parseYaml } from '@arcface/files'
import { ServerError } from '../errors.js'
import { faultOf } from './place.js'
import type { Workspace } from './workspace.js'

/**
 * That a configuration which came as text names nothing outside of the workspace: no string in it is an absolute path,
 * climbs by `..`, or is a place from which a link leads outside.
 * @param what it is called in messages
 * @returns what it says @throws ServerError SERVER_REQUEST: also where it is no YAML
 */
export function checkConfined(text: string, workspace: Workspace, what: string): unknown {
  const value = parseYaml(text, (why, cause) => {
    return new ServerError('SERVER_REQUEST', `${what}: ${why}`, { cause })
  })
  checkStrings(value, workspace, what)
  return value
}

function checkStrings(value: unknown, workspace: Workspace, at: string): void {
  if (typeof value === 'string') checkString(value, workspace, at)
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) {
      if (!Array.isArray(value)) checkString(key, workspace, at)
      checkStrings(one, workspace, `${at}.${key.slice(0, 60)}`)
    }
}

function checkString(text: string, workspace: Workspace, at: string): void {
  if (/^([/\\~]|[A-Za-z]:[/\\])/.test(text) || text.split(/[/\\]/).includes('..'))
    throw new ServerError('SERVER_REQUEST', `${at}: a path that leaves the workspace`)
  // As a command reads it: `./a`, `a/` and `a//b` lead where `a` and `a/b` do.
  const place = text
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  // Most strings are no paths: of those that could be one, links are looked at.
  if (faultOf(place) === undefined) workspace.pathOf(place, at)
}
