/** What nginx is told where clients are measured: keep connections, answer at once, write no log. */
import { fileURLToPath } from 'node:url'
import os from 'node:os'
import { responses, smallText } from './documents.ts'

export interface NginxPorts {
  readonly plain: number
  readonly tls: number
}

export const largeBytes = 64 * 1_024
export const streamBytes = 1_024 * 1_024

export function pidFile(folder: string): string {
  return `${folder}/nginx.pid`
}

/** `folder` has the files that are served, and takes what nginx writes. */
export function configuration(folder: string, { plain, tls }: NginxPorts): string {
  const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
  return `
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${pidFile(folder)};
error_log stderr warn;
${workerUser()}
events { worker_connections 8192; multi_accept on; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  open_file_cache max=16;
  keepalive_timeout 60s;
  # Its default closes every connection after 1,000 requests: that race has a benchmark of its own.
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${plain} backlog=4096;
    listen 127.0.0.1:${tls} ssl backlog=4096;
    ssl_certificate ${beside('test-only-cert.pem')};
    ssl_certificate_key ${beside('test-only-key.pem')};
    ssl_session_cache shared:sessions:1m;
    root ${folder};
    location = /status { stub_status; }
    location = /small { return 200 '${smallText}'; }
    location = /json { return 200 '${responses.analyse}'; }
  }
}
`
}

/** Started by root, its worker would be somebody who may not read the files. */
function workerUser(): string {
  const { uid, username } = os.userInfo()
  return uid === 0 ? `user ${username};` : ''
}
