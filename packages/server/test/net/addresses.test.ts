// Addresses that must not be reached, in every spelling and disguise that an attacker might try.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kindOf } from '../../dist/net/addresses.js'
import { createGuard, type Guard } from '../../dist/net/guard.js'

/** Refused while private addresses are not allowed: at writing, and when a request is made. */
const hostile: readonly string[] = [
  // this machine
  'https://127.0.0.1/',
  'https://127.0.0.1:8443/',
  'https://127.1/',
  'https://127.0.1/',
  'https://127.255.255.254/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://127.0.0.1./',
  'https://１２７.０.０.１/',
  'https://①②⑦.⓪.⓪.①/',
  'https://%31%32%37.0.0.1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://0.1.2.3/',
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST/',
  'https://ⓛocalhost/',
  'https://api.localhost/',
  'https://localhost.localdomain/',
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::]/',
  'https://[::]:8443/',
  // private networks
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://3232235777/',
  'https://0xC0A80101/',
  'https://100.64.0.1/',
  'https://192.0.0.8/',
  'https://198.18.0.1/',
  'https://198.19.255.255/',
  'https://[fc00::1]/',
  'https://[fdff:ffff::1]/',
  'https://[fec0::1]/',
  'https://router/',
  'https://printer.local/',
  'https://db.internal/',
  'https://nas.home.arpa/',
  'https://nas.lan/',
  // metadata of clouds
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://169.254.43518/',
  'https://169.254.170.2/v2/credentials',
  'https://metadata.google.internal/computeMetadata/v1/',
  'https://metadata/',
  'https://instance-data/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  'https://[fd00:ec2::254]/',
  'https://[fd20:ce::254]/',
  'https://[fe80::1]/',
  // IPv4 disguised as IPv6
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:169.254.169.254]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b:1::10.0.0.1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/',
  'https://[2001:0:4136:e378:8000:63bf:5601:5601]/',
  'https://[2001:4860::5efe:10.0.0.1]/',
  'https://[2001:4860::200:5efe:a00:1]/',
  'https://[::ffff:8.8.8.8]/',
  // no address of one host on the internet
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://240.0.0.1/',
  'https://192.0.2.1/',
  'https://198.51.100.7/',
  'https://203.0.113.9/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[3fff::1]/',
  'https://[100::1]/',
  'https://[5f00::1]/',
  // other than https, or with what has no place in an address
  'http://shop.example/',
  'ftp://shop.example/',
  'file:///etc/passwd',
  'gopher://shop.example:6379/_x',
  'javascript:alert(1)',
  'data:text/plain,hello',
  'unix:/var/run/docker.sock',
  'https://user@shop.example/',
  'https://user:password@shop.example/',
  'https://shop.example@127.0.0.1/',
  'https://127.0.0.1\\@shop.example/',
  'https://127.0.0.1#@shop.example/',
  'https://shop.example:22/',
  'https://shop.example:25/',
  'https://shop.example:0/',
  '//shop.example/',
  'shop.example',
  '',
]

const harmless: readonly string[] = [
  'https://shop.example/orders?a=1',
  'https://shop.example:443/',
  'https://shop.example:8443/',
  'https://shop.example./',
  'https://8.8.8.8/',
  'https://172.15.255.255/',
  'https://172.32.0.1/',
  'https://192.167.255.255/',
  'https://100.63.255.255/',
  'https://100.128.0.1/',
  'https://126.255.255.255/',
  'https://128.0.0.1/',
  'https://223.255.255.255/',
  'https://[2606:4700:4700::1111]/',
  'https://[64:ff9b::8.8.8.8]/',
  'https://xn--bcher-kva.example/',
]

const asking = { method: 'GET', headers: {}, timeoutMs: 5000, maxBytes: 100 }
const never = async (): Promise<readonly string[]> => {
  throw new Error('No address that was refused is looked up.')
}

async function outcome(guard: Guard, url: string): Promise<string> {
  return guard.fetch(url, asking).then(
    () => 'answered',
    (error) => error.kind,
  )
}

describe('addresses that lead into the network', () => {
  const guard = createGuard({ allowPrivate: false, resolver: never })

  it(`are refused, all ${hostile.length} of them, before a name is looked up`, async () => {
    assert.ok(hostile.length >= 60)
    for (const url of hostile) {
      assert.match(
        (await guard.checkUrl(url)) ?? 'allowed',
        /^(URL host .* is not a public address|The (address|port) .*)$/,
        url,
      )
      assert.equal(await outcome(guard, url), 'refused', url)
    }
  })

  it('are refused by the fetch that clients are given, too', async () => {
    const fetch = guard.fetchFor({ maxBytes: 100 })
    for (const url of hostile.filter((url) => URL.canParse(url)))
      await assert.rejects(fetch(url), { name: 'GuardError', kind: 'refused' }, url)
  })

  it('say nothing of what stands behind the host', async () => {
    for (const url of ['https://10.0.0.1/path-secret?key=query-secret', 'https://name:password-secret@shop.example/'])
      assert.doesNotMatch(String(await guard.checkUrl(url)), /secret/)
  })

  it('are refused when a public name stands for them, as it is written and as it is connected to', async () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '169.254.169.254',
      '::1',
      '::ffff:10.0.0.1',
      'fd00:ec2::254',
      '0.0.0.0',
      'not an address',
    ]) {
      const rebound = createGuard({ allowPrivate: false, resolver: async () => ['8.8.8.8', address] })
      assert.equal(
        await rebound.checkUrl('https://shop.example/'),
        'URL host shop.example is not a public address',
        address,
      )
      assert.equal(await outcome(rebound, 'https://shop.example/'), 'refused', address)
      await rebound.close()
    }
  })
})

it('addresses of the public internet may be stored', async () => {
  const guard = createGuard({ allowPrivate: false, resolver: async () => ['8.8.8.8', '2606:4700:4700::1111'] })
  for (const url of harmless) assert.equal(await guard.checkUrl(url), undefined, url)
})

describe('where private addresses are allowed', () => {
  const guard = createGuard({ allowPrivate: true, resolver: never })

  it('this machine and its network may be named, over plain http, by any port, before the name is known', async () => {
    for (const url of [
      'http://127.0.0.1:11434/v1',
      'http://localhost/',
      'https://10.0.0.1:80/',
      'http://[::1]:9/',
      'http://ollama:11434/',
      'http://0.0.0.0:80/',
    ])
      assert.equal(await guard.checkUrl(url), undefined, url)
  })

  it('services that hand out credentials of the machine are refused all the same', async () => {
    const secretive = hostile.filter(
      (url) => URL.canParse(url) && /^https?:/.test(url) && kindOf(new URL(url).hostname) === 'forbidden',
    )
    const byAddress = secretive.filter((url) => /^[\d.]+$|^\[/.test(new URL(url).hostname))
    assert.ok(byAddress.length >= 12, String(byAddress.length))
    for (const url of byAddress) {
      assert.match((await guard.checkUrl(url)) ?? 'allowed', /is not a public address/, url)
      assert.equal(await outcome(guard, url), 'refused', url)
    }
    const named = createGuard({ allowPrivate: true, resolver: async () => ['169.254.169.254'] })
    assert.equal(await outcome(named, 'http://metadata.google.internal/'), 'refused')
  })

  it('an address still must be one of the web, and hold no password', async () => {
    for (const url of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://a:b@127.0.0.1/', 'nowhere'])
      assert.match((await guard.checkUrl(url)) ?? 'allowed', /^The address /, url)
  })
})

describe('a name that is stored', () => {
  const saying = (code: string) =>
    createGuard({
      allowPrivate: false,
      resolver: () => Promise.reject(Object.assign(new Error('The name server says so.'), { code })),
    })

  it('must be one that the DNS knows', async () => {
    for (const code of ['ENOTFOUND', 'ENODATA'])
      assert.equal(await saying(code).checkUrl('https://nowhere.example/'), 'URL host nowhere.example does not resolve')
  })

  it('is taken when no name server answers: each connection is judged anew', async () => {
    for (const code of ['EAI_AGAIN', 'ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])
      assert.equal(await saying(code).checkUrl('https://shop.example/'), undefined, code)
  })

  it('is not waited for longer than a moment', async () => {
    let ring = () => {}
    const clock = {
      now: () => 0,
      wake(at: number, callback: () => void) {
        assert.equal(at, 3000)
        ring = callback
        return () => {}
      },
    }
    const guard = createGuard({ allowPrivate: false, resolver: () => new Promise(() => {}), clock })
    const checked = guard.checkUrl('https://slow.example/')
    ring()
    assert.equal(await checked, undefined)
  })
})
