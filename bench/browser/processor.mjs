// Time on the processors: of all processes of a browser, which others on the machine hardly change.

/** @param session of the Chrome DevTools Protocol, with the browser @returns a function that tells seconds */
export const processorTime = (session) => async () => {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}
