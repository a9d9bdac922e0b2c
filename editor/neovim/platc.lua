-- The language server of platc for Neovim 0.7 and newer: `dofile` this from your init.lua, or put it into
-- ~/.config/nvim/plugin/. `vim.g.platc_command` says which program it is, if it is not on the PATH.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, { pattern = "*.kdl", command = "setfiletype kdl" })

vim.api.nvim_create_autocmd("FileType", {
  pattern = "kdl",
  callback = function(event)
    local directory = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(event.buf), ":p:h")
    local platform = vim.fn.findfile("platform.kdl", directory .. ";")
    local config = {
      name = "platc",
      cmd = vim.g.platc_command or { "platc", "lsp" },
      root_dir = platform ~= "" and vim.fn.fnamemodify(platform, ":p:h") or directory,
    }
    config.workspace_folders = { { uri = vim.uri_from_fname(config.root_dir), name = config.root_dir } }
    if vim.lsp.start then
      vim.lsp.start(config, { bufnr = event.buf })
      return
    end
    -- Neovim 0.7: one client for each root.
    _G.platc_clients = _G.platc_clients or {}
    local client = _G.platc_clients[config.root_dir] or vim.lsp.start_client(config)
    _G.platc_clients[config.root_dir] = client
    vim.lsp.buf_attach_client(event.buf, client)
  end,
})
