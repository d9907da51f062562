/** One place to download a server from. */
export interface DownloadSource {
  /** What progress lines and errors call it. */
  readonly title: string;
  /** The file's name in the cache. */
  readonly cacheName: string;
  /**
   * Downloads into `workDir`, and returns the executable's path there.
   *
   * @param signal ends the download
   * @throws Error whose message is the reason.
   */
  download(workDir: string, signal?: AbortSignal): Promise<string>;
}
