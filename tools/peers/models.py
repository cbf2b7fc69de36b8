"""GRU4Rec and SASRec in PyTorch, twice: as the public code computes them, on windows of 50 with the padding in them
(`forward`), and as fast as we can write them without leaving PyTorch (`forward_packed`)."""

import torch
from torch import nn
from torch.nn import functional as F


class Gru4Rec(nn.Module):
    def __init__(self, item_rows, max_length, width=64, hidden=128, dropout=0.5):
        super().__init__()
        self.item_embeddings = nn.Embedding(item_rows, width, padding_idx=0)
        nn.init.xavier_normal_(self.item_embeddings.weight)
        self.gru = nn.GRU(width, hidden, bias=False, batch_first=True)
        for weight in self.gru.parameters():
            nn.init.xavier_uniform_(weight)
        self.dense = nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, items_BL):
        return self.dense(self.gru(self.dropout(self.item_embeddings(items_BL)))[0])

    def forward_packed(self, items_BL, valid_BL):
        """[T, D]: the vectors at the T valid places, sequence after sequence."""
        lengths = valid_BL.sum(1).clamp(min=1)
        # PyTorch packs what begins on the left.
        left_BL = torch.stack([row.roll(int(n)) for row, n in zip(items_BL, lengths)])
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.item_embeddings(left_BL)), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        kept = torch.arange(states.shape[1])[None, :] < valid_BL.sum(1)[:, None]
        return self.dense(states[kept])


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.query, self.key, self.value, self.dense = (nn.Linear(width, width) for _ in range(4))
        self.norm_1, self.norm_2 = (nn.LayerNorm(width, eps=1e-12) for _ in range(2))
        self.dense_1, self.dense_2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x_BLD, mask_B1LL):
        q, k, v = (self.split(layer(x_BLD)) for layer in (self.query, self.key, self.value))
        weights = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5 + mask_B1LL).softmax(-1)
        mixed = (self.dropout(weights) @ v).transpose(1, 2).reshape(x_BLD.shape)
        x_BLD = self.norm_1(x_BLD + self.dropout(self.dense(mixed)))
        return self.norm_2(x_BLD + self.dropout(self.dense_2(F.gelu(self.dense_1(x_BLD)))))

    def forward_packed(self, x_TD, valid_BL, mask_B1LL):
        """Everything but attention on the T valid rows; attention padded to the batch's longest sequence."""

        def windows(layer):
            full = x_TD.new_zeros(*valid_BL.shape, x_TD.shape[1])
            full[valid_BL] = layer(x_TD)
            return self.split(full)

        q, k, v = windows(self.query), windows(self.key), windows(self.value)
        mixed = F.scaled_dot_product_attention(q, k, v, mask_B1LL, dropout_p=self.rate if self.training else 0)
        mixed_TD = mixed.transpose(1, 2).reshape(*valid_BL.shape, -1)[valid_BL]
        x_TD = self.norm_1(x_TD + self.dropout(self.dense(mixed_TD)))
        return self.norm_2(x_TD + self.dropout(self.dense_2(F.gelu(self.dense_1(x_TD)))))


class SasRec(nn.Module):
    def __init__(self, item_rows, max_length, width=64, heads=2, layers=2, dropout=0.5):
        super().__init__()
        self.max_length = max_length
        self.item_embeddings = nn.Embedding(item_rows, width, padding_idx=0)
        self.position_embeddings = nn.Embedding(max_length, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)
            elif "norm" not in name:
                nn.init.zeros_(weight)

    def allowed(self, valid_BL):
        length = valid_BL.shape[1]
        return valid_BL[:, None, None, :] & torch.ones(length, length, dtype=torch.bool).tril()

    def forward(self, items_BL):
        positions_L = torch.arange(self.max_length)
        x_BLD = self.dropout(self.norm(self.item_embeddings(items_BL) + self.position_embeddings(positions_L)))
        mask_B1LL = (~self.allowed(items_BL > 0)) * -10000.0
        for block in self.blocks:
            x_BLD = block(x_BLD, mask_B1LL)
        return x_BLD

    def forward_packed(self, items_BL, valid_BL):
        length = items_BL.shape[1]
        positions_BL = torch.arange(self.max_length - length, self.max_length).expand_as(items_BL)
        x_TD = self.item_embeddings(items_BL[valid_BL]) + self.position_embeddings(positions_BL[valid_BL])
        x_TD = self.dropout(self.norm(x_TD))
        # A row that may attend to nothing would be NaN; padding attends to itself and is never read.
        mask_B1LL = self.allowed(valid_BL) | torch.eye(length, dtype=torch.bool)
        for block in self.blocks:
            x_TD = block.forward_packed(x_TD, valid_BL, mask_B1LL)
        return x_TD


MODELS = {"gru4rec": Gru4Rec, "sasrec": SasRec}
