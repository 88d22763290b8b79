/** What makes the sandbox work on this system. */
export function sandboxRemedy(): string {
  if (process.platform === 'linux') {
    return 'Install bubblewrap, socat and ripgrep (Debian, Ubuntu: sudo apt install bubblewrap socat ripgrep). On Ubuntu 24.04 also allow user namespaces: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. Then run "belay doctor".';
  }
  if (process.platform === 'darwin') return 'Install ripgrep (brew install ripgrep). Then run "belay doctor".';
  return 'Use an agent with a sandbox of its own, or lower the sandbox step in the worker settings for runs that you watch.';
}
