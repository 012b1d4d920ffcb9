import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig, formatConfig, loadConfig } from './load.js'

const room = mkdtempSync(join(tmpdir(), 'server-config-'))
afterAll(() => rmSync(room, { recursive: true }))
const file = (text: string) => {
  const path = join(room, 'server.yaml')
  writeFileSync(path, text)
  return path
}
const environment = {}

describe('the configuration', () => {
  it('is shown in examples/server with every default', () => {
    const path = new URL('../../../../examples/server/server.yaml', import.meta.url)
    expect(parse(readFileSync(path, 'utf8'))).toEqual(checkConfig({}))
  })

  it('is printed with every value, so that what is printed is the same again, but secrets', () => {
    const config = checkConfig({ port: 1, storage: { region: 'x', aws_secret_access_key: 'hush' } })
    const printed = formatConfig(config)
    expect(printed).not.toContain('hush')
    expect(parse(printed)).toEqual({
      ...config,
      storage: { region: 'x', aws_secret_access_key: '***' },
    })
  })

  it('is the file, before it the environment, and before that what is set', () => {
    const path = file('port: 1\nhost: ::1\nlimits:\n  photos: 2\n  pixels: 5\n')
    const config = loadConfig({
      path,
      environment: {
        ARCFACE_SERVER_PORT: '3',
        ARCFACE_SERVER_LIMITS_PHOTOS: '4',
        ARCFACE_CACHE: 'x',
      },
      overrides: ['limits.photos=6', 'cors=[https://a.example]'],
    })
    expect(config).toMatchObject({ port: 3, host: '::1', limits: { photos: 6, pixels: 5 } })
    expect(config.cors).toEqual(['https://a.example'])
  })

  it.each<[string, RegExp]>([
    ['prot: 1', /unknown key prot; did you mean port\?/],
    ['limits:\n  photo: 1', /unknown key limits\.photo; did you mean photos\?/],
    ['port: many', /port: /],
    ['port: 70000', /port: /],
    ['cors: [desk.example.org]', /cors\.0: .*an origin/],
    ['trustProxy: [10.0.0.0/99]', /trustProxy\.0: an address, a network/],
    ['[]', /expected object|it: /],
    ['a: &a [*a]', /refers to itself|no YAML/],
    ['{', /no YAML/],
    ['port: 1\nport: 2', /no YAML: .*unique/],
    ['port: 1\n---\nport: 2', /no YAML: .*multiple documents/],
    ['\tport: 1', /no YAML: Tabs/],
    ['<<: {port: 1}', /unknown key <</],
    ['__proto__: {port: 1}', /unknown key __proto__/],
    ['limits: {__proto__: {photos: 1}}', /unknown key limits\.__proto__/],
    ['!!js/function "return 1"', /expected object/],
    ['host: !!binary aGk=', /host: .*expected string/],
    ['port: "8000"', /port: .*expected number, received string/],
    ['port: .nan', /port: .*NaN/],
    ['limits: {photos: 1e400}', /limits\.photos: .*Infinity/],
    ['limits: {photos: 0}', /limits\.photos: Too small/],
    // Longer than a timer of Node's: every answer would be cut.
    ['limits: {answerSeconds: 1e7}', /limits\.answerSeconds: Too big/],
    ['limits:', /limits: .*null/],
    ['quality: {eyes: .nan}', /quality: limits by name, or false/],
    ['tls: {cert: chain.pem}', /tls\.key: /],
    ['cors: ["*"]', /cors\.0: an origin/],
  ])('refuses %j', (text, message) => {
    expect(() => loadConfig({ path: file(text), environment })).toThrow(
      expect.objectContaining({ code: 'SERVER_CONFIG', message: expect.stringMatching(message) }),
    )
  })

  it('refuses a file that is not there, and a name in the environment that no key has', () => {
    expect(() => loadConfig({ path: join(room, 'none.yaml'), environment })).toThrow(
      expect.objectContaining({ code: 'SERVER_CONFIG' }),
    )
    expect(() => loadConfig({ environment: { ARCFACE_SERVER_PROT: '1' } })).toThrow(
      /unknown variable ARCFACE_SERVER_PROT; did you mean PORT\?/,
    )
  })

  it('is of environment variables what YAML makes of them, and says where a wrong value is from', () => {
    const from = (variables: NodeJS.ProcessEnv, text = '') =>
      loadConfig({ path: file(text), environment: variables })
    expect(
      from({
        ARCFACE_SERVER_TLS_CERT: 'chain.pem',
        ARCFACE_SERVER_TLS_KEY: 'key.pem',
        ARCFACE_SERVER_CORS: '[https://a.example]',
        ARCFACE_SERVER_STORAGE: '{region: x}',
        ARCFACE_SERVER_QUALITY: 'false',
        ARCFACE_SERVER_HOST: '::1',
      }),
    ).toMatchObject({
      ...{ tls: { cert: 'chain.pem', key: 'key.pem' }, cors: ['https://a.example'] },
      ...{ storage: { region: 'x' }, quality: false, host: '::1' },
    })
    const refuse = (variables: NodeJS.ProcessEnv, message: RegExp, text?: string) =>
      expect(() => from(variables, text)).toThrow(
        expect.objectContaining({ code: 'SERVER_CONFIG', message: expect.stringMatching(message) }),
      )
    refuse({ ARCFACE_SERVER_PORT: '' }, /^environment or --set: port: /)
    refuse({ ARCFACE_SERVER_PORT: '1' }, /server\.yaml: host: /, 'host: ""')
    refuse({ ARCFACE_SERVER_HOST: '*x' }, /^ARCFACE_SERVER_HOST: no YAML/)
    refuse({ ARCFACE_SERVER_TLS: '{cert: a}' }, /unknown variable ARCFACE_SERVER_TLS/)
  })
})
