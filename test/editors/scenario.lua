-- What test/support/editor-scenario.ts describes, in Neovim; writes what was seen as JSON to $POLC_OBSERVED.
local patience = 20000

local function wait(what, holds)
  if not vim.wait(patience, holds, 10) then
    error('waited in vain for ' .. what)
  end
end

local function open(name)
  vim.cmd('edit ' .. name)
  local buffer = vim.api.nvim_get_current_buf()
  wait('the server', function()
    local client = vim.lsp.buf_get_clients(buffer)[1]
    return client ~= nil and client.initialized
  end)
  return buffer
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n'
end

local function line(buffer, number)
  return vim.api.nvim_buf_get_lines(buffer, number - 1, number, false)[1]
end

-- Puts the cursor on the first character of a text in the current buffer.
local function go(pattern)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search('\\V' .. pattern, 'c') > 0, 'no ' .. pattern)
end

local function ask(buffer, method, params)
  local answers = assert(vim.lsp.buf_request_sync(buffer, method, params, patience), method .. ' was not answered')
  local _, answer = next(answers)
  assert(answer and not answer.error, method .. ': ' .. vim.inspect(answer))
  return answer.result
end

-- What is offered to choose from is answered with the first of it.
vim.ui.select = function(items, _, choose) choose(items[1], 1) end

local function run()
  local seen = {}
  local web = open('web.yaml')
  wait('the mistake', function() return #vim.diagnostic.get(web) > 0 end)
  seen.diagnostics = {}
  for _, each in ipairs(vim.diagnostic.get(web)) do
    local code, message = each.user_data.lsp.code, vim.split(each.message, '\n')[1]
    table.insert(seen.diagnostics, string.format('%s %d:%d %s', code, each.lnum + 1, each.col + 1, message))
  end

  go('sandbx')
  vim.lsp.buf.code_action()
  wait('the quick fix', function() return line(web, 3) ~= 'mode: sandbx' end)
  seen.fixed = line(web, 3)
  local function mistakes()
    return #vim.diagnostic.get(web, { severity = vim.diagnostic.severity.ERROR })
  end
  wait('no mistake', function() return mistakes() == 0 end)
  seen.left = mistakes()

  vim.api.nvim_buf_set_lines(web, 2, 3, false, { 'mode: s' })
  vim.api.nvim_win_set_cursor(0, { 3, 6 })
  local offered = ask(web, 'textDocument/completion', {
    textDocument = vim.lsp.util.make_text_document_params(web),
    position = { line = 2, character = 7 },
  })
  seen.completion = {}
  for _, item in ipairs(vim.lsp.util.text_document_completion_list_to_complete_items(offered, 's')) do
    table.insert(seen.completion, item.abbr)
  end
  vim.api.nvim_buf_set_lines(web, 2, 3, false, { 'mode: sandbox' })

  go('512MiB')
  local hover = ask(web, 'textDocument/hover', vim.lsp.util.make_position_params())
  seen.hover = table.concat(vim.lsp.util.convert_input_to_markdown_lines(hover.contents), '\n')

  local preview = ask(web, 'polc/preview', {
    textDocument = vim.lsp.util.make_text_document_params(web),
    tab = 'ir',
  })
  seen.preview = { groups = {}, ir = preview.content.text:sub(1, 100) }
  for _, tab in ipairs(preview.tabs) do table.insert(seen.preview.groups, tab.group) end

  vim.cmd('write')
  go('base.yaml')
  vim.lsp.buf.definition()
  wait('the other file', function() return vim.api.nvim_buf_get_name(0):match('base%.yaml$') ~= nil end)
  seen.definition = 'base.yaml ' .. vim.api.nvim_win_get_cursor(0)[1]

  local class = open('class.yaml')
  go('python-ml')
  vim.lsp.buf.rename('python-next')
  wait('the new name', function() return text(class):match('python%-next') ~= nil end)
  vim.cmd('wall')
  seen.renamed = { text(class), table.concat(vim.fn.readfile('python-ml.yaml'), '\n') .. '\n' }

  local other = open('other.yaml')
  ask(other, 'polc/status', { textDocument = vim.lsp.util.make_text_document_params(other) })
  seen.foreign = #vim.diagnostic.get(other)
  return seen
end

local ok, result = xpcall(run, debug.traceback)
vim.fn.writefile({ vim.json.encode(ok and result or { error = result }) }, vim.env.POLC_OBSERVED)
-- Started by the test, so that nothing is asked about what is not saved.
vim.cmd('qall!')
