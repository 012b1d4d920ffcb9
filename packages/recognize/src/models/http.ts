import { rootCertificates } from 'node:tls'
import { getProxyForUrl } from 'proxy-from-env'
import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici'
import { type NpmSettings, npmSettings } from './npm.js'

const REDIRECTS = 5

/** The answer to an address is no file. */
export class Refused extends Error {}

/** Asks for files as npm would: through its proxies or those of the environment, with its tokens and certificates. */
export class Http {
  private readonly settings: NpmSettings
  private readonly agents = new Map<string, Dispatcher>()

  constructor() {
    this.settings = npmSettings()
  }

  /**
   * Redirects are followed by hand: few, never from https to http, and without the login of the first host.
   * @throws Refused; TypeError where nobody answers
   */
  async get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    let at = new URL(url)
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const response = await this.ask(at, headers, signal)
      const target = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || target === null) return response
      await response.body?.cancel()
      const next = new URL(target, at)
      if (
        !/^https?:$/.test(next.protocol) ||
        (at.protocol === 'https:' && next.protocol === 'http:')
      )
        throw new Refused(`it redirects to ${next.protocol}, which is refused`)
      at = next
    }
    throw new Refused(`more than ${REDIRECTS} redirects`)
  }

  async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map((agent) => agent.destroy()))
  }

  private async ask(
    url: URL,
    given: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const authorization = basicOf(url) ?? this.settings.authorizationOf(url)
    const headers = { ...given, ...(authorization !== undefined && { authorization }) }
    // fetch takes no address with a login in it.
    const bare = new URL(url)
    bare.username = ''
    bare.password = ''
    return fetch(bare, { headers, signal, redirect: 'manual', dispatcher: this.agentFor(url) })
  }

  private agentFor(url: URL): Dispatcher {
    const proxy = this.settings.proxyOf(url) ?? getProxyForUrl(url)
    const known = this.agents.get(proxy)
    if (known) return known
    const { ca } = this.settings
    const tls = ca.length > 0 ? { ca: [...rootCertificates, ...ca] } : {}
    const agent =
      proxy === ''
        ? new Agent({ connect: tls })
        : new ProxyAgent({
            uri: proxyUri(proxy),
            requestTls: tls,
            proxyTls: tls,
            proxyTunnel: false,
          })
    this.agents.set(proxy, agent)
    return agent
  }
}

/** @throws Refused for a proxy that is none of HTTP */
function proxyUri(proxy: string): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined
  if (url && /^https?:$/.test(url.protocol)) return proxy
  throw new Refused(
    `the proxy ${url ? masked(proxy) : 'that is set'} is no http:// or https:// address; mend HTTPS_PROXY or npm's https-proxy`,
  )
}

function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/** An address as messages show it: without the password, and without what a query may hold of keys. */
export function masked(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') {
    url.username = '***'
    url.password = ''
  }
  if (url.search !== '') url.search = '?***'
  return url.href
}
