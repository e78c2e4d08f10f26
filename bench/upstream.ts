import { spawnSync } from 'node:child_process';
import { burst, whole } from './answers.ts';
import { folder, freePort, here, node, start } from './processes.ts';

/** Providers that are faster than any contestant: nginx for immediate answers, Node for paced ones. */

export type Upstream = AsyncDisposable & {
  /** Answers `chat` at /whole/v1, and streams in one piece at /burst/v1. */
  readonly nginx: string;
  /** Streams at a pace or stays silent, at /v1, by the message: servers/paced.ts. */
  readonly paced: string;
};

const location = (path: string, type: string) => `
    location = /${path}/v1/chat/completions {
      default_type ${type};
      error_page 405 =200 $uri;
      alias ${path}.body;
    }`;

/** The Node provider alone: needs no Debian package. */
export async function startPaced(): Promise<AsyncDisposable & { readonly url: string }> {
  const port = await freePort();
  const running = await start([node, here('servers/paced.ts'), String(port)], { core: 'others', ready: /ready/ });
  return { ...running, url: `http://127.0.0.1:${port}` };
}

export async function startUpstream(): Promise<Upstream> {
  const nginxPort = await freePort();
  const path = folder({ 'whole.body': whole, 'burst.body': burst });
  const config = folder({
    // nginx's default worker user, nobody, cannot read this folder.
    'nginx.conf': `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
# Killed, a master would leave its worker behind.
master_process off;
pid ${path}/nginx.pid;
error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log off;
  client_body_temp_path ${path}/body;
  client_max_body_size 0;
  keepalive_requests 100000000;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${nginxPort} backlog=8192;
    root ${path};
${location('whole', 'application/json').replaceAll('alias ', `alias ${path}/`)}
${location('burst', 'text/event-stream').replaceAll('alias ', `alias ${path}/`)}
    location = /ready { return 200 ready; }
  }
}`,
  });
  if (spawnSync('nginx', ['-v']).status !== 0)
    throw new Error("The benchmark needs Debian's nginx (apt-get install nginx-light).");
  const paced = await startPaced();
  const nginx = await start(['nginx', '-c', `${config}/nginx.conf`, '-p', path], {
    core: 'others',
    ready: () => answering(`http://127.0.0.1:${nginxPort}/ready`),
  });
  return {
    nginx: `http://127.0.0.1:${nginxPort}`,
    paced: paced.url,
    async [Symbol.asyncDispose]() {
      await Promise.all([nginx, paced].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

/** Waits until the port answers. */
export async function answering(url: string, attempts = 200): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Nothing answers at ${url}`);
}
