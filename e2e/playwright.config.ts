import { defineConfig } from 'playwright/test'

const { CHROME_PATH } = process.env

export default defineConfig({
  forbidOnly: true,
  reporter: 'list',
  use: {
    launchOptions: {
      // Pages that a test makes talk to each other and to nobody else.
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        // A name that is not localhost: over plain http the browser grants such a page no secure context.
        '--host-resolver-rules=MAP lan.test 127.0.0.1',
      ],
      ...(CHROME_PATH === undefined ? {} : { executablePath: CHROME_PATH }),
    },
  },
})
