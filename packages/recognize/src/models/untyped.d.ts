// Of packages that bring no types: what is used of them.

declare module '@pnpm/npm-conf' {
  /** npm's configuration as it stands: environment, .npmrc of project, user and machine, defaults. */
  export default function npmConf(): { config: { get(key: string): unknown } }
}

declare module 'proxy-from-env' {
  /** What HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say of an address; '' for no proxy. */
  export function getProxyForUrl(url: URL): string
}
