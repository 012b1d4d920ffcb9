import { Menu as Base } from '@base-ui/react/menu'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { LANGUAGES, type Language, useLanguage, useWords } from '../language/language.js'
import { type Session, useSignIn } from '../session/session.js'
import { THEMES, useTheme } from '../theme/theme.js'
import { Button } from '../ui/button.js'
import '../ui/overlays.css'
import { PAGES } from './pages.js'
import { Reach } from './reach.js'
import './shell.css'
import { words } from './words.js'

/** What is around every page: the way to the others, language and colours, whose session it is. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const t = useWords(words)
  const [place] = useLocation()
  const isOpen = !session.needed || session.key !== null
  const ways = useRef<HTMLElement>(null)
  // On a narrow screen they are in a row that scrolls.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is another page
  useEffect(() => {
    const current = ways.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [place])
  return (
    <div className="shell">
      <a className="button skip" href="#main">
        {t.skip}
      </a>
      <header className="bar">
        <Link href="/" className="brand">
          ArcFace
        </Link>
        {isOpen && (
          <nav aria-label={t.pages} ref={ways}>
            {PAGES.filter(({ isFor }) => isFor(session)).map(({ name, path }) => (
              <Link
                key={name}
                href={path}
                aria-current={place === path || place.startsWith(`${path}/`) ? 'page' : undefined}
              >
                {t[name]}
              </Link>
            ))}
          </nav>
        )}
        <Settings session={session} />
      </header>
      <div className="place">
        <Reach />
        {children}
      </div>
    </div>
  )
}

function Settings({ session }: { session: Session }) {
  const t = useWords(words)
  const { language, choose } = useLanguage()
  const { theme, choose: chooseTheme } = useTheme()
  const { signOut } = useSignIn()
  return (
    <div className="settings">
      <ChoiceMenu
        label={t.language}
        value={language}
        choices={Object.entries(LANGUAGES) as [Language, string][]}
        onChoose={choose}
      />
      <ChoiceMenu
        label={t.theme}
        value={theme}
        choices={THEMES.map((one) => [one, t[one]] as const)}
        onChoose={chooseTheme}
      />
      {session.key && (
        <Button kind="plain" onClick={() => void signOut()} title={session.key.name}>
          {t.signOut}
        </Button>
      )}
    </div>
  )
}

function ChoiceMenu<V extends string>({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string
  value: V
  choices: readonly (readonly [V, string])[]
  onChoose(value: V): void
}) {
  const id = useId()
  return (
    <Base.Root>
      <Base.Trigger render={<Button kind="plain" id={id} />}>{label}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end">
          <Base.Popup className="popup">
            <Base.RadioGroup value={value} onValueChange={(next) => onChoose(next as V)}>
              {choices.map(([choice, text]) => (
                <Base.RadioItem key={choice} value={choice} closeOnClick>
                  <span aria-hidden="true">{choice === value ? '●' : '○'}</span> {text}
                </Base.RadioItem>
              ))}
            </Base.RadioGroup>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
