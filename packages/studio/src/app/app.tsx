import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Suspense } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { ProblemError } from '../api/client.js'
import { LanguageProvider, useWords } from '../language/language.js'
import { type Session, useSession, useSessionEnd } from '../session/session.js'
import { SignIn } from '../session/sign-in.js'
import { ThemeProvider } from '../theme/theme.js'
import { Page } from '../ui/page.js'
import { Loaded, Notice } from '../ui/problem.js'
import { Toasts } from '../ui/toasts.js'
import { words as uiWords } from '../ui/words.js'
import { Broken } from './broken.js'
import { PAGES, type PageEntry } from './pages.js'
import { Shell } from './shell.js'
import { words } from './words.js'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // What the server has refused it refuses again; who does not answer is asked when it is back.
      retry: (failures, error) => !(error instanceof ProblemError) && failures < 2,
    },
  },
})

export const App = () => (
  <CSPProvider disableStyleElements>
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <ThemeProvider>
          <Toasts>
            <Opened />
          </Toasts>
        </ThemeProvider>
      </LanguageProvider>
    </QueryClientProvider>
  </CSPProvider>
)

function Opened() {
  const session = useSession()
  useSessionEnd()
  return (
    <Loaded query={session}>
      {(session) => (
        <Shell session={session}>
          {session.needed && session.key === null ? <SignIn /> : <Pages session={session} />}
        </Shell>
      )}
    </Loaded>
  )
}

function Pages({ session }: { session: Session }) {
  const [place] = useLocation()
  const first = PAGES.find(({ isFor }) => isFor(session))
  return (
    <Switch>
      <Route path="/">{first && <Redirect to={first.path} replace />}</Route>
      {PAGES.map((entry) => (
        <Route key={entry.name} path={`${entry.path}/*?`}>
          {/* A page that failed is made anew where another place is gone to. */}
          <Broken key={place}>
            <One entry={entry} session={session} />
          </Broken>
        </Route>
      ))}
      <Route>
        <Nothing />
      </Route>
    </Switch>
  )
}

function One({
  entry: { Page: Lazy, name, isFor },
  session,
}: {
  entry: PageEntry
  session: Session
}) {
  const t = useWords(words)
  const ui = useWords(uiWords)
  if (!isFor(session))
    return (
      <Page title={t[name]}>
        <Notice kind="warn">{t.notFor}</Notice>
      </Page>
    )
  return (
    <Suspense
      fallback={
        <Page title={t[name]}>
          <p className="muted" role="status">
            {ui.loading}
          </p>
        </Page>
      }
    >
      <Lazy />
    </Suspense>
  )
}

function Nothing() {
  const t = useWords(words)
  return (
    <Page title={t.nothing}>
      <Link href="/">{t.start}</Link>
    </Page>
  )
}
