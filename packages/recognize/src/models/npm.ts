import npmConf from '@pnpm/npm-conf'
import registryAuthToken from 'registry-auth-token'

/** What is taken from npm's configuration: its environment (`npm_config_...`) and .npmrc files. */
export interface NpmSettings {
  /** Of a package, which may have a registry of its scope. Without a slash at the end. */
  registryOf(name: string): string
  /** The value of `Authorization` that belongs to an address, if any. */
  authorizationOf(url: URL): string | undefined
  /** `https-proxy`, `proxy` and `noproxy`. */
  proxyOf(url: URL): string | undefined
  /** Certificates (PEM) of `ca` or `cafile`. */
  readonly ca: readonly string[]
}

const DEFAULT_REGISTRY = 'https://registry.npmjs.org'

/** Read anew at each call, since a person may just have mended it. */
export function npmSettings(): NpmSettings {
  const { config } = npmConf()
  const text = (key: string) => {
    const value = config.get(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const ca = config.get('ca')
  return {
    registryOf: (name) => {
      const scope = name.startsWith('@') ? text(`${name.split('/')[0]}:registry`) : undefined
      return (scope ?? text('registry') ?? DEFAULT_REGISTRY).replace(/\/+$/, '')
    },
    authorizationOf: (url) => {
      const found = registryAuthToken(url.href, { recursive: true })
      return found && `${found.type} ${found.token}`
    },
    proxyOf: (url) => {
      if (isListed(url.hostname, text('noproxy') ?? '')) return undefined
      const plain = text('proxy')
      return url.protocol === 'https:' ? (text('https-proxy') ?? plain) : plain
    },
    ca: (Array.isArray(ca) ? ca : [ca]).filter((one) => typeof one === 'string'),
  }
}

/** npm's rule: a host is listed by its name or by the end of it. */
const isListed = (host: string, list: string): boolean =>
  list
    .split(/[\s,]+/)
    .map((one) => one.replace(/^\./, ''))
    .some((one) => one !== '' && (one === '*' || host === one || host.endsWith(`.${one}`)))
