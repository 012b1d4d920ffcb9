import type { MembershipQuestion, MembershipRow, MembershipSignal } from './membership.js'

// What an audit asks and by what, the same on a terminal and in a report.

const QUESTIONS: Record<MembershipQuestion, string> = {
  photographs: 'Was this photograph trained on?',
  people: 'Was this person trained on? By the photographs that were',
  'people-new': 'Was this person trained on? By other photographs',
}

const SIGNALS: Record<MembershipSignal, string> = {
  genuine: 'cosine with other photographs',
  centre: 'cosine with a class centre',
  certainty: 'softmax (loss without margin)',
}

/** What a row measures, in words. */
export const membershipWords = ({
  question,
  signal,
  control,
}: Pick<MembershipRow, 'question' | 'signal' | 'control'>) => ({
  question: QUESTIONS[question],
  signal: `${SIGNALS[signal]}${control ? ', by the control network' : ''}`,
})
