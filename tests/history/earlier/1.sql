-- A history as version 1 of the tables had it; its pictures are those of making.py with these names.
BEGIN TRANSACTION;
CREATE TABLE entries (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        process    INTEGER NOT NULL REFERENCES processes,
        created    REAL NOT NULL,
        stage      INTEGER NOT NULL,
        status     TEXT NOT NULL,
        key        TEXT NOT NULL,
        provider   TEXT NOT NULL,
        embedded   INTEGER NOT NULL,
        base_url   TEXT NOT NULL,
        model      TEXT NOT NULL,
        endpoint   TEXT NOT NULL,
        prompt     TEXT NOT NULL,
        parameters TEXT NOT NULL,
        words      TEXT NOT NULL,
        cost       REAL,
        seconds    REAL,
        error_type TEXT NOT NULL DEFAULT '',
        error      TEXT NOT NULL DEFAULT '',
        outcome    TEXT NOT NULL DEFAULT '{}',
        starred    INTEGER NOT NULL DEFAULT 0,
        rating     INTEGER
    );
INSERT INTO "entries" VALUES(1,1,1795000060.0,3,'done','a15b3aa7680350953586d1271460efa9eaba101b40fa4d469b4fc692881c905e','openai',0,'https://api.openai.com/v1','gpt-image-2','generations','a red fox','{"size":"1024x1024"}','a red fox
gpt-image-2',0.25,1.5,'','','{"usage":{"input_tokens":5,"output_tokens":9,"total_tokens":null,"input_text_tokens":null,"input_image_tokens":null,"output_image_tokens":null,"output_text_tokens":null,"extra":{}},"notes":[],"request_id":"req-7","created":null,"extra":{}}',1,4);
INSERT INTO "entries" VALUES(2,1,1795000120.0,3,'done','826cda827b2b0fbe8f32f1c4b142e3b7004a75968b30efa5f77b2d0a08c0fb04','openai',0,'https://api.openai.com/v1','gpt-image-2','edits','a straw hat','{"size":"1024x1024"}','a straw hat
gpt-image-2',0.5,1.5,'','','{"usage":{"input_tokens":5,"output_tokens":9,"total_tokens":null,"input_text_tokens":null,"input_image_tokens":null,"output_image_tokens":null,"output_text_tokens":null,"extra":{}},"notes":["a note"],"request_id":"req-7","created":null,"extra":{}}',0,NULL);
INSERT INTO "entries" VALUES(3,1,1795000180.0,3,'failed','297bfd5491abea83297dd2687a433b7b43d588c7d90c30b63d69f66adffa67dc','openai',0,'','gpt-image-2','generations','an owl','{"size":"1024x1024"}','an owl
gpt-image-2',NULL,NULL,'BadRequest','no owls','{"request_id":null,"failure":{"status":400,"type":null,"code":"owl","param":null}}',0,NULL);
INSERT INTO "entries" VALUES(4,1,1795000240.0,3,'maybe_billed','d2eea7dc1161311a278d45466419c90d667650e716d31d23179b56cc2f23d1b5','openai',0,'','gpt-image-2','generations','a bear','{"stream":true}','a bear
gpt-image-2',NULL,NULL,'ConnectionFailed','cut','{"request_id":null,"failure":{"status":null,"type":null,"code":null,"param":null}}',0,NULL);
INSERT INTO "entries" VALUES(5,1,1795000300.0,1,'running','bf400f47fdf07a5a315a8c2bfa394e07f3a86b28573e3a933e548d6967b514f6','openai',0,'','gpt-image-2','generations','a wolf','{"size":"1024x1024"}','a wolf
gpt-image-2',NULL,NULL,'','','{}',0,NULL);
CREATE TABLE pictures (
        entry    INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        role     TEXT NOT NULL,
        position INTEGER NOT NULL,
        sha256   TEXT,
        bytes    INTEGER,
        header   TEXT NOT NULL,
        details  TEXT NOT NULL,
        PRIMARY KEY (entry, role, position)
    ) WITHOUT ROWID
    ;
INSERT INTO "pictures" VALUES(1,'image',0,'edc04fe441244724b72eb73a1ec681ffc058f29f96551dd742b64fda6e67f58e',95,'{"format":"svg","size":[64,48],"has_alpha":true,"frames":1}','{"revised_prompt":"","index":0,"notes":[],"extra":{}}');
INSERT INTO "pictures" VALUES(1,'image',1,'a7b5abea743f1b74ef0bdd656a9f5a46e1fef72d3963639c6f9c94b5d53d74bd',95,'{"format":"svg","size":[64,48],"has_alpha":true,"frames":1}','{"revised_prompt":"","index":0,"notes":[],"extra":{}}');
INSERT INTO "pictures" VALUES(2,'image',0,'ed690d63d60ad308b4cb46146151fb1cfada1de3c442977cba1e4d8beb6489a8',95,'{"format":"svg","size":[64,48],"has_alpha":true,"frames":1}','{"revised_prompt":"","index":0,"notes":[],"extra":{}}');
INSERT INTO "pictures" VALUES(2,'input',0,'1cf20bae07c75efd3876a609febd4df6a218fc3b33507bf30f9a7200ccbd2d7d',95,'{}','{"name":"photo.svg","format":"svg","size":[64,48],"has_alpha":true}');
INSERT INTO "pictures" VALUES(2,'mask',0,'a8b1564f17f5fbb94233a191da786e705c7cbb287f9cee39a9883865eccfbcd0',95,'{}','{"name":"mask.svg","format":"svg","size":[64,48],"has_alpha":true}');
INSERT INTO "pictures" VALUES(4,'partial',0,'c0e8eab78081840a5fa15f19fa06a2770a041aa37ac55e7557f42f6248ea3f72',95,'{"format":"svg","size":[64,48],"has_alpha":true,"frames":1}','{"revised_prompt":"","index":0,"notes":[],"extra":{}}');
CREATE TABLE processes (
        id     INTEGER PRIMARY KEY,
        host   TEXT NOT NULL,
        boot   TEXT NOT NULL,
        pid    INTEGER NOT NULL,
        born   TEXT NOT NULL
    );
INSERT INTO "processes" VALUES(1,'a-machine','a-boot',4711,'12345');
CREATE INDEX entries_by_key ON entries (key);
CREATE INDEX entries_by_time ON entries (created);
CREATE INDEX entries_open ON entries (process) WHERE stage < 3;
CREATE INDEX pictures_by_content ON pictures (sha256);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('entries',5);
COMMIT;
PRAGMA application_id = 1768777591;
PRAGMA user_version = 1;
